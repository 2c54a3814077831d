/** What mail programs and offices put around the writer's words, in the languages that we read. All folded. */
export const MAIL_FURNITURE = {
  forwardMarks: [
    'forwarded message', 'begin forwarded message', 'forwarded by', 'weitergeleitete nachricht',
    'anfang der weitergeleiteten nachricht', 'message transféré', 'début du message transféré',
    'début du message réexpédié', 'mensaje reenviado', 'inicio del mensaje reenviado', 'mensagem encaminhada',
    'mensagem reencaminhada', 'início da mensagem reencaminhada', 'messaggio inoltrato', 'inizio messaggio inoltrato',
    'doorgestuurd bericht', 'begin doorgestuurd bericht', '転送メッセージ', '転送されたメッセージ',
  ],
  originalMarks: [
    'original message', 'ursprüngliche nachricht', 'originalnachricht', "message d'origine", 'message original',
    'mensaje original', 'mensagem original', 'messaggio originale', 'oorspronkelijk bericht', '元のメッセージ',
    'reply message', 'original appointment',
  ],
  fromLabels: new Set(['from', 'von', 'de', 'da', 'van', '差出人', '送信元', 'expéditeur']),
  headerLabels: new Set([
    'from', 'sent', 'date', 'to', 'cc', 'bcc', 'subject', 'reply-to', 'importance',
    'von', 'gesendet', 'datum', 'an', 'betreff', 'antwort an',
    'de', 'envoyé', 'à', 'objet', 'date', 'expéditeur', 'destinataire',
    'enviado', 'enviado el', 'fecha', 'para', 'asunto',
    'enviada em', 'enviado em', 'data', 'assunto',
    'da', 'inviato', 'a', 'oggetto',
    'van', 'verzonden', 'aan', 'onderwerp',
    '差出人', '送信元', '送信日時', '日時', '日付', '宛先', '件名',
  ]),
  attributionVerbs: [
    'wrote:', 'wrote :', 'writes:', 'schrieb', 'a écrit', 'escribió', 'escreveu', 'ha scritto', 'schreef', '書きました',
    'のメール', '<',
  ],
  attributionOpeners: [
    'on ', 'am ', 'le ', 'el ', 'em ', 'il ', 'op ', 'at ', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'a ', 'no dia ',
  ],
  disclaimerOpeners: [
    'this e-mail', 'this email', 'this message', 'this communication', 'the information', 'the contents', 'confidential',
    'disclaimer', 'if you are not', 'if you have received', 'if you received', 'important notice', 'notice:', 'diese e-mail', 'diese nachricht',
    'der inhalt dieser', 'sollten sie diese', 'ce message', 'ce courriel', 'cet e-mail', 'les informations', 'si vous avez reçu', 'este mensaje',
    'este correo', 'la información contenida', 'si ha recibido', 'esta mensagem', 'este e-mail', 'este email', 'as informações', 'se recebeu', 'questo messaggio', 'questa e-mail',
    'questa email', 'le informazioni', 'dit bericht', 'deze e-mail', 'de informatie', 'indien u', 'als u dit', 'このメール', '本メール', 'vertraulich',
  ],
  disclaimerMarks: [
    'intended recipient', 'received this message in error', 'received this e-mail in error', 'received this email in error', 'received this communication in error',
    'received it in error', 'received this in error', 'confidentiality notice', 'addressee only', 'for the addressee', 'intended only for', 'intended solely for', 'intended for the person',
    'legally privileged', 'confidential information', 'strictly prohibited', 'is confidential', 'are confidential', 'consider the environment', 'not the addressee', 'named addressee', 'may contain confidential', 'received this mail in error', 'privileged and confidential', 'confidential and privileged',
    'irrtümlich erhalten', 'nicht der richtige adressat', 'nicht der beabsichtigte', 'vertrauliche informationen', 'nicht der vorgesehene', 'vertrauliche und',
    'reçu ce message par erreur', 'reçu ce courriel par erreur', 'reçu cet e-mail par erreur', 'informations confidentielles', 'destinataire prévu', "n'êtes pas le destinataire", 'à l’attention exclusive', 'est confidentiel',
    'recibido este mensaje por error', 'recibido este correo por error', 'información confidencial', 'no es el destinatario', 'es confidencial',
    'recebeu esta mensagem por engano', 'recebeu este e-mail por engano', 'informações confidenciais', 'não é o destinatário', 'não for o destinatário', 'recebido esta mensagem por', 'é confidencial',
    'ricevuto questo messaggio per errore', 'ricevuto questa e-mail per errore', 'informazioni riservate', 'informazioni confidenziali', 'non è il destinatario', 'non siete il destinatario', 'per errore, vi preghiamo', 'è riservato',
    'niet de bedoelde ontvanger', 'niet de geadresseerde', 'ten onrechte ontvangen', 'vertrouwelijke informatie', 'onterecht ontvangen', 'per abuis', 'is vertrouwelijk', 'uitsluitend bestemd',
    '誤って受信', '誤送信', '機密情報',
  ],
  mobileFooters: [
    'sent from my', 'sent from outlook', 'sent from mail for', 'sent from yahoo', 'sent from proton', 'sent with proton', 'sent via', 'sent on the go', 'get outlook for', 'von meinem', 'gesendet mit der', 'gesendet von', 'diese nachricht wurde von meinem',
    'envoyé de mon', 'envoyé depuis', 'envoyé à partir', 'enviado desde', 'enviado do meu', 'enviado a partir', 'inviato da', 'verzonden vanaf', 'verstuurd vanaf', 'verzonden met', 'iphoneから送信', 'androidから送信',
  ],
  closings: new Set([
    'best', 'best regards', 'kind regards', 'warm regards', 'regards', 'many thanks and best regards', 'with kind regards', 'with best regards', 'with regards', 'sincerely', 'yours sincerely', 'sincerely yours', 'yours faithfully', 'yours truly', 'yours', 'cheers', 'all the best', 'br', 'rgds', 'kr',
    'thanks and regards', 'thanks & regards', 'thanks and best regards', 'thanks and kind regards', 'best wishes', 'respectfully', 'cordially', 'warmly', 'take care', 'kindest regards', 'thank you and kind regards', 'thank you and best regards',
    'mit freundlichen grüßen', 'mit freundlichen gruessen', 'mit freundlichem gruß', 'freundliche grüße', 'viele grüße', 'beste grüße', 'liebe grüße', 'herzliche grüße', 'schöne grüße', 'mfg', 'vg', 'lg', 'hochachtungsvoll', 'mit besten grüßen', 'gruß', 'grüße', 'besten dank und viele grüße', 'danke und viele grüße',
    'cordialement', 'bien cordialement', 'bien à vous', 'sincères salutations', 'salutations', 'meilleures salutations', 'salutations distinguées', 'bonne journée', 'très cordialement', 'cdt',
    'saludos', 'un saludo', 'saludos cordiales', 'atentamente', 'cordialmente', 'gracias y un saludo', 'un cordial saludo', 'muchas gracias y un saludo', 'un abrazo',
    'cumprimentos', 'com os melhores cumprimentos', 'melhores cumprimentos', 'atenciosamente', 'com os meus cumprimentos', 'abraço', 'obrigado e cumprimentos', 'saudações',
    'cordiali saluti', 'distinti saluti', 'saluti', 'un saluto', 'grazie e cordiali saluti', 'grazie e saluti', 'buona giornata', 'cordialmente',
    'met vriendelijke groet', 'met vriendelijke groeten', 'vriendelijke groet', 'vriendelijke groeten', 'groeten', 'groet', 'mvg', 'hartelijke groet', 'hoogachtend', 'alvast bedankt',
    '敬具', 'よろしくお願いいたします。', 'よろしくお願いいたします', 'よろしくお願いします', '以上', '以上、よろしくお願いいたします',
  ]),
  /** Words after a signature that make what follows the writer's own. */
  speaksOn: [
    'ps', 'p s', 'sorry', 'correction', 'wait', 'instead', 'cancel', 'also ~9 delete|remove|erase|purge', 'please ~9 delete|remove|erase|purge|stop|keep', 'do not delete|remove|erase|purge', "don't delete|remove|erase|purge",
    'i meant', 'forgot', 'workspace', 'source', 'nachtrag', 'doch', 'korrektur', 'bitte ~9 löschen', 'correction', 'finalement', 'corrección', 'perdón', 'correção', 'correzione', 'scusate', 'correctie', '訂正',
  ],
  handleRequests: [
    'please ~ see ~9 process|handle|action|execute', 'please|kindly ~ handle|process|action|execute|proceed|arrange|do|delete|remove|erase|purge|carry|take|honour|honor|implement|perform|complete|fulfil|fulfill|deal',
    'can|could|would you ~ handle|process|action|execute|take|do|help|delete|remove|erase|arrange|sort|deal|carry', 'take care of', 'see below and ~ process|handle|do|delete|action|proceed', 'for your action', 'please action', 'handle|process|action ~ below', 'go ahead with', 'i approve', 'approved by me', 'i authorise|authorize',
    'bitte ~9 bearbeiten|erledigen|umsetzen|löschen|kümmern|ausführen|durchführen|veranlassen', 'können sie ~9 erledigen|bearbeiten|löschen|kümmern', 'merci de ~ traiter|faire|supprimer|exécuter|procéder|donner', 'pouvez vous ~9 traiter|supprimer|faire', 'pouvez-vous ~9 traiter|supprimer|faire|exécuter', 'pourriez-vous ~9 traiter|supprimer|faire|exécuter', 'veuillez ~ traiter|supprimer|exécuter|procéder',
    'por favor ~ tramiten|tramite|procesen|procese|gestionen|gestione|atiendan|atienda|eliminen|borren|ejecuten|encárguense', 'por favor ~ tratem|trate|processem|processe|executem|eliminem|apaguem|tratar|processar|atendam', 'per favore ~ procedete|gestite|elaborate|eseguite|eliminate|cancellate', 'vi|si prego|prega di ~ procedere|gestire|evadere|eseguire|elaborare', 'potete ~ procedere|gestire|evadere|eliminare|cancellare|occuparvi',
    'graag ~9 afhandelen|verwerken|uitvoeren|oppakken|behandelen|regelen', 'kunnen|willen|kunt jullie|u ~9 afhandelen|verwerken|uitvoeren|oppakken|behandelen|regelen|verwijderen', 'ご対応ください', '対応をお願い', '対応お願い', 'ご対応をお願い', '処理してください', '処理をお願い',
  ],
  leaveAlone: [
    'fyi', 'for your information', 'for information', "don't do anything", 'do not do anything', "don't ~ act|delete|process|handle", 'do not ~ act|delete|process|handle', 'nothing ~ do', 'no action', 'just so you know', 'only for your records', 'for your records',
    'zur information', 'zur kenntnis', 'z k', 'noch nichts', 'nicht ~ löschen|bearbeiten', 'pour information', 'para su información', 'per conoscenza', 'ter info', 'ter informatie', 'para conhecimento', 'para vossa informação', 'ご参考', 'how ~9 handle|process', 'hold off', 'not yet',
  ],
} as const;
