"""Signs, seals and verifies with dkimpy (Debian's python3-dkim), so that another program has the last word.

Reads {"zone": {name: text}, "jobs": [{"op", "mail" (base64), ...}]} and writes one result for each job: the new header
fields (base64) of sign and seal, true or false of verify, the chain's status of chain.
"""
import base64
import json
import logging
import sys

try:
    import dkim
except ImportError:
    sys.exit("this needs dkimpy: apt-get install python3-dkim")

logging.disable(logging.CRITICAL)
task = json.load(sys.stdin)


def dns(name, timeout=5):
    try:
        return task["zone"].get(bytes(name).decode("ascii").rstrip(".").lower(), "").encode()
    except UnicodeDecodeError:
        return b""


def sign(job, mail):
    header, body = job["canonicalization"].split("/")
    return dkim.sign(
        mail,
        job["selector"].encode(),
        job["domain"].encode(),
        job["key"].encode(),
        canonicalize=(header.encode(), body.encode()),
        signature_algorithm=job["algorithm"].encode(),
        include_headers=[name.encode() for name in job["headers"]] or None,
    )


def seal(job, mail):
    fields = dkim.arc_sign(
        mail, job["selector"].encode(), job["domain"].encode(), job["key"].encode(), job["domain"].encode()
    )
    return b"".join(fields)


def run(job):
    mail = base64.b64decode(job["mail"])
    try:
        if job["op"] == "verify":
            return bool(dkim.verify(mail, dnsfunc=dns))
        if job["op"] == "chain":
            return dkim.arc_verify(mail, dnsfunc=dns)[0].decode()
    except Exception:  # what it cannot read does not pass
        return False if job["op"] == "verify" else "fail"
    return base64.b64encode(sign(job, mail) if job["op"] == "sign" else seal(job, mail)).decode()


json.dump([run(job) for job in task["jobs"]], sys.stdout)
