/**
 * Charset labels as they stand in mail, letters and digits only and in lower
 * case, to the name TextDecoder knows. Labels not listed are tried as they
 * are. 'ascii' means: nothing declared that can be trusted.
 */
export const CHARSETS: ReadonlyMap<string, string> = new Map([
  ...names('ascii', 'ascii usascii ansix341968 iso646us 7bit 8bit default unknown unknown8bit xunknown userdefined xuserdefined ansi none'),
  ...names('utf-8', 'utf8 utf8mb4 unicode11utf8 xunicode20utf8 utf8n'),
  ...names('utf-7', 'utf7 unicode11utf7 xunicode20utf7 cp65000'),
  ...names('utf-16', 'utf16 unicode ucs2 iso10646ucs2 csunicode'),
  ...names('utf-16le', 'utf16le'),
  ...names('utf-16be', 'utf16be'),
  ...names(
    'windows-1252',
    'iso88591 latin1 l1 iso885911987 iso88591windows31latin1 windows1252 cp1252 xcp1252 cswindows1252 ibm819 cp819 88591',
  ),
  ...names('iso-8859-2', 'iso88592 latin2 l2 csisolatin2'),
  ...names('iso-8859-3', 'iso88593 latin3 l3'),
  ...names('iso-8859-4', 'iso88594 latin4 l4'),
  ...names('iso-8859-5', 'iso88595 cyrillic csisolatincyrillic'),
  ...names('iso-8859-6', 'iso88596 arabic ecma114 asmo708'),
  ...names('iso-8859-7', 'iso88597 greek ecma118 elot928'),
  ...names('iso-8859-8', 'iso88598 iso88598e hebrew visual'),
  ...names('iso-8859-8-i', 'iso88598i logical'),
  ...names('windows-1254', 'iso88599 latin5 l5 windows1254 cp1254'),
  ...names('iso-8859-10', 'iso885910 latin6 l6'),
  ...names('windows-874', 'iso885911 tis620 windows874 cp874 dos874'),
  ...names('iso-8859-13', 'iso885913 latin7'),
  ...names('iso-8859-14', 'iso885914 latin8'),
  ...names('iso-8859-15', 'iso885915 latin9 l9 latin0'),
  ...names('iso-8859-16', 'iso885916 latin10'),
  ...names('windows-1250', 'windows1250 cp1250'),
  ...names('windows-1251', 'windows1251 cp1251 win1251'),
  ...names('windows-1253', 'windows1253 cp1253'),
  ...names('windows-1255', 'windows1255 cp1255'),
  ...names('windows-1256', 'windows1256 cp1256'),
  ...names('windows-1257', 'windows1257 cp1257'),
  ...names('windows-1258', 'windows1258 cp1258'),
  ...names('koi8-r', 'koi8r koi8 koi cskoi8r'),
  ...names('koi8-u', 'koi8u koi8ru'),
  ...names('ibm866', 'ibm866 cp866 866'),
  ...names('macintosh', 'macintosh mac xmacroman macroman'),
  ...names('x-mac-cyrillic', 'xmaccyrillic maccyrillic xmacukrainian'),
  ...names('gb18030', 'gb18030 gb180302000'),
  ...names('gbk', 'gbk gb2312 gb23121980 gb231280 cp936 windows936 ms936 euccn eucgb2312cn xgbk'),
  ...names('hz-gb-2312', 'hzgb2312 hz'),
  ...names('big5', 'big5 big5eten cp950 windows950 big5hkscs xxbig5 cnbig5'),
  ...names('shift_jis', 'shiftjis sjis xsjis mskanji ms932 cp932 windows31j windows932 csshiftjis shiftjis2004'),
  ...names('iso-2022-jp', 'iso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jpms cp50220 cp50221 csiso2022jp jis'),
  ...names('euc-jp', 'eucjp xeucjp ujis eucjpms cp51932'),
  ...names('euc-kr', 'euckr ksc5601 ksc56011987 ksc56011989 ksc5601windows cp949 windows949 uhc korean'),
  ...names('iso-2022-kr', 'iso2022kr csiso2022kr'),
]);

function names(encoding: string, labels: string): [string, string][] {
  return labels.split(' ').map((label) => [label, encoding]);
}
