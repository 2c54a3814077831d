/**
 * What guessers try first among passwords of twelve characters and more, in lower case and without punctuation; also
 * what is left of them once digits at the end are taken off.
 */
export const COMMON: ReadonlySet<string> = new Set(
  `password passwordpassword passw0rd passw0rdpassw0rd password1234 p4ssw0rd p4ssw0rdp4ssw0rd mypassword thisismypassword
  mypasswordis changeme changemenow changemeplease changethispassword letmein letmeinplease letmeinnow
  welcome welcomewelcome welcomehome welcometo administrator adminadmin adminadminadmin admin administrador
  adminpassword rootpassword rootroot rootrootroot superuser supersecret supersecretpassword topsecret secretpassword
  verysecret secretsecret iloveyou iloveyouiloveyou iloveyousomuch iloveyouforever qwertyuiop qwertyuiopasdfghjkl
  qwertyuiopasdf qwertyqwerty qwerty qwertzuiop qwertzqwertz azertyuiop asdfghjkl asdfghjklqwertyuiop
  asdfasdfasdf zxcvbnm zxcvbnmasdfghjkl 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv
  qazwsxedcrfv qazwsxedc qweasdzxc 123qweasdzxc 123456789012 1234567890123 12345678901234 123456789123 123456123456
  1234567890 012345678910 0123456789012 1234567890qwerty 1234567890qwertyuiop 123456789abc 123456789qwerty abc123abc123 abcdefghijkl
  abcdefghijklm abcdefghijklmnop abcdefgh abcd1234abcd 1234abcd1234 a1b2c3d4e5f6 aaaaaaaaaaaa 111111111111 000000000000
  121212121212 112233445566 11223344556677 123123123123 987654321098 9876543210 trustno1trustno1 trustno1 monkeymonkey
  dragondragon footballfootball football baseballbaseball basketball sunshinesunshine sunshine
  princessprincess princess masterpassword mastermaster startrek starwarsstarwars starwars superman supermansuperman
  batmanbatman pokemonpokemon minecraft manchesterunited liverpoolfc chelseafc barcelona realmadrid christopher
  alexander elizabeth jesuschrist jesuslovesme ilovejesus godisgood blessed correcthorsebatterystaple correcthorse
  batterystaple summertime summer winter spring autumn september november december february january
  monday friday testtesttest testpassword test1234test testing temporary temppassword defaultpassword default
  guestguest guestpassword useruseruser userpassword loginlogin companyname deskdeskdesk purgedesk purgedeskpurgedesk
  passwort passwortpasswort hallohallo hallohallohallo schatzischatzi motdepasse motdepassemotdepasse bonjourbonjour
  contrasena contrasenacontrasena senhasenhasenha wachtwoord wachtwoordwachtwoord fuckyoufuckyou fuckyou
  whatever whateverwhatever nothing nopassword idontknow dontforget forgotpassword computer internet samsung
  customersupport support supportdesk privacydesk privacy datadeletion helpdesk helpdeskhelpdesk`.split(
    /\s+/,
  ),
);
