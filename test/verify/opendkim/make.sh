#!/usr/bin/env bash
# Signs two mails with Debian's opendkim in all four canonicalizations and writes them beside this script, with the
# public key as a zone. Needs: apt-get install opendkim opendkim-tools miltertest
# Each run makes a new key, which nobody keeps, and dates the mails to its own time: the test reads the time off them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
port=8899
trap 'rm -rf "$work"' EXIT

opendkim-genkey --bits=2048 --hash-algorithms=sha256 --selector=debian --domain=acme.example --directory="$work"
key=$(grep -o '"[^"]*"' "$work/debian.txt" | tr -d '"\n')
printf '{ "debian._domainkey.acme.example": "%s" }\n' "$key" >"$here/zone.json"

date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S +0000')
# name <tab> header fields as a milter gets them; the body stands in a file of its own
cat >"$work/plain.header" <<MAIL
From|Ada Lovelace <ada@acme.example>
To|support@purgedesk.example
Subject|Delete  our workspace
Date|$date
Message-ID|<plain@acme.example>
MIME-Version|1.0
Content-Type|text/plain; charset=us-ascii
Content-Transfer-Encoding|7bit
MAIL
printf 'Please delete the workspace acme-inc.  \r\n\r\n\tAda \t \r\n..\r\n.\r\n\r\n\r\n' >"$work/plain.body"
cat >"$work/parts.header" <<MAIL
Received|from laptop.acme.example (laptop.acme.example [192.0.2.5])~	by mail.acme.example with ESMTPSA; $date
From|=?utf-8?q?Ad=C3=A9?= <ada@acme.example>
To|"Support, purgedesk" <support@purgedesk.example>,~	Bob <bob@acme.example>
Cc|carol@acme.example
Subject|=?utf-8?q?L=C3=B6schen_Sie_bitte?=~ 	=?utf-8?q?_alles?=
Date|$date
Message-ID|<parts@acme.example>
In-Reply-To|<earlier@purgedesk.example>
References|<first@purgedesk.example>~	<earlier@purgedesk.example>
MIME-Version|1.0
Content-Type|multipart/alternative;~	boundary="=_one"
X-Mailer|Mail  of   Ada
MAIL
printf -- '--=_one\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nBitte löschen Sie den Arbeitsbereich acme-inc. \r\n\r\n--=_one\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Bitte l=C3=B6schen Sie den Arbeitsbereich acme-inc.</p>\r\n--=_one--\r\n' >"$work/parts.body"

# What opendkim covers unless told leaves out how the body is to be read: "default" shows what becomes of that.
wide='*,+mime-version,+content-type,+content-transfer-encoding,+message-id'
for mode in simple/simple simple/relaxed relaxed/simple relaxed/relaxed default; do
  canonicalization=$mode covered="SignHeaders $wide"
  if [ "$mode" = default ]; then canonicalization=relaxed/simple covered=''; fi
  cat >"$work/opendkim.conf" <<CONF
Mode s
Domain acme.example
Selector debian
KeyFile $work/debian.private
RequireSafeKeys no
Socket inet:$port@127.0.0.1
InternalHosts 127.0.0.1
Canonicalization $canonicalization
OversignHeaders From
$covered
UserID $(id -un)
CONF
  opendkim -x "$work/opendkim.conf" -f &
  daemon=$!
  for mail in plain parts; do
    out="$here/$mail-${mode/\//-}.eml"
    cat >"$work/sign.lua" <<LUA
local milter = mt.connect("inet:$port@127.0.0.1", 100, 0.1)
assert(milter, "no milter")
mt.conninfo(milter, "localhost", "127.0.0.1")
mt.macro(milter, SMFIC_MAIL, "i", "$mail")
mt.mailfrom(milter, "<ada@acme.example>")
mt.rcptto(milter, "<support@purgedesk.example>")
local fields = ""
for line in io.lines("$work/$mail.header") do
  local name, value = line:match("^([^|]+)|(.*)$")
  value = value:gsub("~", "\n")
  mt.header(milter, name, value)
  fields = fields .. name .. ": " .. value .. "\n"
end
mt.eoh(milter)
local file = io.open("$work/$mail.body", "rb")
local body = file:read("*a")
file:close()
mt.bodystring(milter, body)
mt.eom(milter)
local signature = mt.getheader(milter, "DKIM-Signature", 0)
assert(signature, "no signature")
local head = ("DKIM-Signature: " .. signature:gsub("^ ", "") .. "\n" .. fields .. "\n"):gsub("\r?\n", "\r\n")
local eml = io.open("$out", "wb")
eml:write(head .. body)
eml:close()
mt.disconnect(milter)
LUA
    miltertest -s "$work/sign.lua"
  done
  kill "$daemon"
  wait "$daemon" || true
  port=$((port + 1))
done
