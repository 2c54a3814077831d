"""Writes cases.tsv: confirmations by the wall clock of some place, and when their grace ends.

    python3 test/domain/grace/write-cases.py > test/domain/grace/cases.tsv

The days are counted by day numbers and the places by the zone files of the system: nothing is shared with the program.
"""

from datetime import datetime, timedelta, timezone
from random import Random
from zoneinfo import ZoneInfo

ZONES = [
    "UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "America/St_Johns",
    "America/Sao_Paulo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe",
    "Australia/Sydney", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Pago_Pago",
    "Africa/Casablanca", "Africa/Cairo", "Antarctica/Troll", "Atlantic/Azores",
]
# Around changes of clocks, leap days, ends of years and of centuries, and seconds that were inserted.
DAYS = [
    "2011-12-29", "2011-12-30", "2012-06-30", "2015-06-30", "2016-12-31", "2017-01-01", "2024-02-24", "2024-02-28",
    "2024-02-29", "2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01", "2026-12-26",
    "2026-12-31", "2027-01-01", "2027-02-23", "2027-02-28", "2028-02-29", "2028-12-31", "2096-02-29", "2100-02-28",
    "2100-03-01", "2400-02-29",
]
TIMES = ["00:00:00.000", "00:00:00.001", "00:30:00.000", "01:59:59.999", "02:30:00.000", "12:00:00.000",
         "23:59:59.000", "23:59:59.999"]
CASES = 400


def milliseconds(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def main():
    random = Random(27)
    seen = set()
    while len(seen) < CASES:
        zone, day, time = random.choice(ZONES), random.choice(DAYS), random.choice(TIMES)
        fold = random.choice([0, 1])
        local = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZoneInfo(zone), fold=fold)
        start = local.astimezone(timezone.utc)
        sixth = start.toordinal() + 6
        end = datetime.fromordinal(sixth).replace(tzinfo=timezone.utc)
        assert timedelta(hours=120) < end - start <= timedelta(hours=144)
        seen.add((milliseconds(start), milliseconds(end), f"{day} {time} {zone}"))
    for case in sorted(seen):
        print("\t".join(case))


main()
