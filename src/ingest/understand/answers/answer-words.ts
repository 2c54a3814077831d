/** Words around bare answers, in all languages at once: few of them, and none means something else in another one. */

/** They answer nothing. */
export const COURTESIES = new Set(
  'thanks thank please pls bitte svp graag prego hi hello hey dear team support sir madam good morning afternoon evening sorry apologies delay reply message mail getting back me you your quick response asking help sure yes ok okay here go goes see below answer answers details detail information info requested asked as above kind best warm regards cheers sincerely many very much again hallo guten tag morgen danke vielen dank viele grüße gruß freundlichen liebe bonjour merci cordialement hola gracias saludos olá obrigado obrigada ciao grazie saluti dag bedankt groeten met vriendelijke mit'.split(
    ' ',
  ),
);

/** They point to a thing instead of naming it. */
export const POINTING = new Set(
  'first second third last latter former other another same both either neither previous one ones mentioned said above below whichever erste ersten zweite zweiten letzte letzten andere anderen gleiche beide premier première deuxième second dernier dernière même autre primero primera segundo segunda último última mismo misma otro otra ambos primeiro primeira mesmo outro ultimo primo prima secondo altro stesso eerste tweede laatste andere zelfde'.split(
    ' ',
  ),
);

/** Words that make a line a sentence or a choice, and no bare name. */
export const SENTENCE = new Set(
  "i i'm we he she they is isn't are aren't was were am be been will would can could should do does did don't has have had not no or maybe perhaps probably think guess oder nicht nein ou non pas no o não ni niet of nee".split(
    ' ',
  ),
);

/** With a word of correction they make it certain. */
export const INSTEAD = new Set('instead rather stattdessen sondern'.split(' '));
