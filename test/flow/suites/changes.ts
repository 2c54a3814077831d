/** What may happen to a signed mail on its way, by accident or on purpose: every change by its name. */
export const CHANGES: Readonly<Record<string, (mail: string, tag: string) => string>> = {
  nothing: (mail) => mail,
  'a byte of the text': (mail) => mail.replace(/workspace|Arbeitsbereich/, 'workspacf'),
  'a line added to the text': (mail) => `${mail}One more line.\r\n`,
  'empty lines added to the text': (mail) => `${mail}\r\n\r\n`,
  'empty lines removed from the text': (mail) => mail.replace(/(\r\n)+$/, '\r\n'),
  'blanks at the end of a line': (mail) => mail.replace(/acme-inc\.\s*\r\n/, 'acme-inc.   \r\n'),
  'blanks within a line': (mail) => mail.replace(/(workspace|Arbeitsbereich) /, '$1    '),
  'no text': (mail) => mail.slice(0, mail.indexOf('\r\n\r\n') + 4),
  'line feeds alone': (mail) => mail.replaceAll('\r\n', '\n'),
  'another Subject': (mail) => mail.replace(/^Subject: .*/m, 'Subject: Keep everything'),
  'no Subject': (mail) => mail.replace(/^Subject: .*\r\n([ \t].*\r\n)*/m, ''),
  'a second Subject above': (mail) => `Subject: Keep everything\r\n${mail}`,
  'a second Subject below': (mail) => mail.replace('\r\n\r\n', '\r\nSubject: Keep everything\r\n\r\n'),
  'another From': (mail) => mail.replace(/^From: .*/m, 'From: Ada <bob@acme.example>'),
  'a second From above': (mail) => `From: Bob <bob@acme.example>\r\n${mail}`,
  'fields in capitals': (mail) => mail.replace(/^Subject:/m, 'SUBJECT:').replace(/^To:/m, 'TO:'),
  'blanks before the colon': (mail) => mail.replace(/^Subject:/m, 'Subject :'),
  'blanks in a field': (mail) => mail.replace(/^To: /m, 'To:    '),
  'a folded field': (mail) => mail.replace(/^To: (\S+)/m, 'To:\r\n $1'),
  'fields in another order': (mail) => mail.replace(/^(From: .*\r\n)((?:.*\r\n)*?)(Date: .*\r\n)/m, '$3$2$1'),
  'a field of a relay': (mail) =>
    `Received: from a.example by b.example; Sun, 22 Nov 2026 15:00:00 +0000\r\n${mail}`,
  'no such algorithm': tagged('a', 'rsa-md5'),
  'a weaker algorithm': tagged('a', 'rsa-sha1'),
  'no algorithm': untagged('a'),
  'no hash of the text': untagged('bh'),
  'another hash of the text': tagged('bh', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='),
  'no domain': untagged('d'),
  'another domain': tagged('d', 'evil.example'),
  'no selector': untagged('s'),
  'another selector': tagged('s', 'gone'),
  'a limit of the length': added('l=10'),
  'a limit beyond the end': added('l=99999'),
  'an end in the past': added('x=1000000001'),
  'an unknown tag': added('zz=1'),
  'a tag twice': added('d=acme.example'),
  'a tag without a value': added('zz'),
  'a semicolon too many': added(''),
  'blanks in the signature': (mail, tag) =>
    field(mail, tag, (value) => value.replace(/(\bb=\S{10})/, '$1 \t')),
  'the signature cut': (mail, tag) => field(mail, tag, (value) => value.replace(/\bb=\S{10}/, 'b=')),
  'the signature empty': (mail, tag) => field(mail, tag, (value) => value.replace(/\bb=[^;]*/, 'b=')),
  'the signature twice': (mail, tag) => {
    const found = new RegExp(`^${tag}:.*\\r\\n(?:[ \\t].*\\r\\n)*`, 'mi').exec(mail);
    return `${found?.[0] ?? ''}${mail}`;
  },
  'tags in capitals': (mail, tag) => field(mail, tag, (value) => value.replace(/\bd=/, 'D=')),
  'fewer fields covered': (mail, tag) => field(mail, tag, (value) => value.replace(/(\bh=)[^;]*/i, '$1from')),
  'no field covered': (mail, tag) => field(mail, tag, (value) => value.replace(/(\bh=)[^;]*/i, '$1')),
  'another canonicalization': (mail, tag) =>
    field(mail, tag, (value) =>
      /c=\s*simple\/simple/.test(value)
        ? value.replace(/c=\s*simple\/simple/, 'c=relaxed/relaxed')
        : value.replace(/c=\s*\w+\/\w+/, 'c=simple/simple'),
    ),
  'a canonicalization that is none': tagged('c', 'loose/loose'),
  'no canonicalization': untagged('c'),
};

type Change = (mail: string, tag: string) => string;

/** Changes the value of the topmost field of that name. */
function field(mail: string, name: string, change: (value: string) => string): string {
  return mail.replace(new RegExp(`^${name}:.*\\r\\n(?:[ \\t].*\\r\\n)*`, 'mi'), (found) => change(found));
}
function tagged(tag: string, value: string): Change {
  return (mail, name) =>
    field(mail, name, (found) => found.replace(new RegExp(`([;:\\s])${tag}=[^;]*`), `$1${tag}=${value}`));
}
function untagged(tag: string): Change {
  return (mail, name) =>
    field(mail, name, (found) => found.replace(new RegExp(`([;:\\s])${tag}=[^;]*;?`), '$1'));
}
function added(text: string): Change {
  return (mail, name) => field(mail, name, (found) => found.replace(/:\s*/, `: ${text}; `));
}
