/**
 * The passwords that guessers try first (well known from published leaks), of
 * eight characters or more, in lower case. Shorter ones fall to the length
 * rule; digits and marks around a word are taken off before it is looked up.
 */
const LIST = `
password passwort wachtwoord motdepasse contrasena contraseña senha123 parola123 haslo123 salasana lösenord
password1 password12 password123 password1234 password12345 passw0rd p@ssw0rd p@ssword pa55word passpass passphrase
welkom01 welkom123 welkom1234 welkom2024 welkom2025 welkom2026 welcome1 welcome123 welcome1234 willkommen bienvenue
qwerty12 qwerty123 qwerty1234 qwertyui qwertyuiop qwertzui qwertzuiop azertyui azertyuiop asdfghjk asdfghjkl zxcvbnm1 zxcvbnm123
1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc zaq12wsx qazwsxedc q1w2e3r4 q1w2e3r4t5 qweasdzxc qwe123456 asdf1234 qwer1234 1234qwer
12345678 123456789 1234567890 12345678910 0123456789 87654321 987654321 0987654321 11223344 112233445566 123123123 123321123 1234512345
11111111 111111111 1111111111 00000000 000000000 0000000000 22222222 55555555 66666666 77777777 88888888 99999999 12341234 12121212 69696969
abcd1234 abc12345 abc123456 abcdefgh abcdefghij abcdefghijkl a1b2c3d4 aa123456 a1234567 a12345678 a123456789 abcabcabc aaaaaaaa
iloveyou iloveyou1 iloveyou2 ilovegod ikhouvanjou ichliebedich jetaime123 teamo123 loveyou1 loveme123 lovelove
football football1 baseball baseball1 basketball softball voetbal1 voetbal123 fussball hockey123 soccer123 ajax1234 feyenoord feyenoord1 liverpool liverpool1 manchester chelsea1 arsenal1 barcelona realmadrid juventus
superman superman1 batman123 spiderman starwars starwars1 pokemon1 pokemon123 minecraft minecraft1 nintendo playstation xbox3601 dragon123 dragonball naruto123 matrix123 startrek terminator
sunshine sunshine1 princess princess1 butterfly chocolate snowball flower123 blossom1 rainbow1 cupcakes angel123 prinses1 zonnetje vlinders zonneschijn
computer computer1 internet internet1 samsung1 samsung123 microsoft windows10 windows11 macintosh android1 google123 facebook facebook1 linkedin twitter1 whatsapp instagram
administrator admin123 admin1234 admin12345 adminadmin administrator1 beheerder root1234 rootroot toor1234 testtest test1234 test12345 testing1 testing123 user1234 guest123 gast1234 demo1234 default1 changeme changeme1 changeme123 letmein1 letmein123 openup123 secret123 geheim123 geheimpje topsecret masterkey master123 superuser supervisor operator1 postmaster mailserver emailadmin webmaster hostmaster
michael1 jennifer jessica1 michelle nicole123 daniel123 andrew123 charlie1 jordan23 thomas123 robert123 matthew1 anthony1 samantha amanda123 ashley123 patricia victoria alexander alexandra elizabeth christian christina sebastian stephanie nathalie veronica
whatever whatever1 nothing1 trustno1 trustnoone jesus123 jesuschrist blessed1 godisgood god12345 faith123 christ123 heaven123
mustang1 corvette mercedes porsche1 ferrari1 yamaha123 harley123 kawasaki hunter123 shadow123 tigger123 cookie123 maggie123 ginger123 pepper123 buster123
summer2024 summer2025 summer2026 winter2024 winter2025 winter2026 spring2024 spring2025 spring2026 autumn2024 autumn2025 autumn2026 zomer2024 zomer2025 zomer2026 winter123 zomer123 lente2025 herfst2025 januari2026 january2026
amsterdam amsterdam1 rotterdam rotterdam1 nederland nederland1 utrecht1 denhaag1 eindhoven groningen maastricht holland1 deutschland berlin123 hamburg1 frankfurt paris123 london123 newyork1 california
correcthorsebatterystaple thisismypassword mypassword mypassword1 mypassword123 newpassword newpassword1 oldpassword nopassword yourpassword ditismijnwachtwoord mijnwachtwoord wachtwoord1 wachtwoord123 letmeinplease opensesame
monkey123 monkey1234 dolphins elephant giraffe1 panther1 eagles123 tigers123 lions1234 olifant1 paardje1 hondje123 katten123
`;

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(LIST.split(/\s+/).filter((word) => word !== ''));

/** Rows a finger runs along, both ways: twelve keys of any of them are one guess. */
export const KEYBOARD_ROWS: readonly string[] = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopqwertyuiop',
  'asdfghjklasdfghjkl',
  'zxcvbnmzxcvbnm',
  'azertyuiopqsdfghjklm',
  'qwertzuiopasdfghjkl',
];
