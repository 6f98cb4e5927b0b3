#!/usr/bin/env python3
"""What a deployed stack costs a month, from counted units.

The units of an operation are those that the tests count (tests/flows/*/costs.rs, sync/bench); the prices
are AWS's list prices for us-east-1, on demand, without free tiers, of November 2026 as far as they are
known here: check them for your region, they are all at the top. Run it with other habits to see what
your own store would cost:

    functions/costs.py --customers 250000 --events 5
"""

import argparse
import math
import re
from pathlib import Path

# Dollars.
WRITE_UNITS = 0.625 / 1e6
READ_UNITS = 0.125 / 1e6
STORAGE_GB = 0.25
BACKUP_GB = 0.20  # continuous backups
API_REQUEST = 1.00 / 1e6
INVOCATION = 0.20 / 1e6
GB_SECOND = 0.0000133334  # arm64
LOG_GB = 0.50
ALARM = 0.10
METRIC = 0.30
SECRET = 0.40
MAIL = 0.10 / 1e3

# Counted units: (write, read) capacity units.
DELIVERY = (1, 0)  # webhook keeps a row of work
UPDATE_FROM_STORE = (9, 4)  # sync: user, pointer, entry, the row of work
ECHO = (2, 4)  # sync: the row of work comes and goes
SCIM_CHANGE = (4, 1.5)  # users: user and row of work
SCIM_READ = (0, 2.5)  # users: a filter by user name, and the token
PROVISION = (9, 4)  # sync: as an update from the store, the other way
WALK_PER_CUSTOMER = 0.02  # read units of a walk over unchanged customers
SWEEPS = 60 * 24 * 30  # a month, of each function that is swept

# What lies in the tables, in bytes a customer, an estimate: the user, its reservations, pointer, place and counts.
BYTES_A_USER = 3_000
BYTES_AN_ENTRY = 1_200
RETENTION_DAYS = 90

# Memory and the time that an invocation is charged for, in seconds at 256 MB: generous.
MEMORY_GB = 0.25
SECONDS = {"delivery": 0.010, "look": 0.150, "scim": 0.030, "sweep": 0.060, "page": 1.5}
LOG_BYTES = 500  # an invocation
BATCH = 5  # deliveries that one look takes up, within the stream's window


def month(customers, events, changes, reads, mails):
    """Dollars a month by line, for so many customers; the rest is counted a customer and month."""
    deliveries, echoes = customers * events, customers * changes
    written, read = 0.0, 0.0
    for number, (writes, reads_of) in [
        (deliveries + echoes, DELIVERY),
        (deliveries, UPDATE_FROM_STORE),
        (echoes, ECHO),
        (customers * changes, SCIM_CHANGE),
        (customers * changes, PROVISION),
        (customers * reads, SCIM_READ),
    ]:
        written += number * writes
        read += number * reads_of
    read += 30 * customers * WALK_PER_CUSTOMER + SWEEPS * 3 * 4
    looks = (deliveries + echoes + customers * changes) / BATCH
    invocations = {
        "delivery": deliveries + echoes,
        "look": looks,
        "scim": customers * (changes + reads),
        "sweep": SWEEPS * 3,
        "page": 30 * math.ceil(customers / 250),
    }
    seconds = sum(number * SECONDS[what] for what, number in invocations.items())
    entries = deliveries + customers * changes
    stored = customers * BYTES_A_USER + entries * RETENTION_DAYS / 30 * BYTES_AN_ENTRY
    total = sum(invocations.values())
    return {
        "tables: writes": written * WRITE_UNITS,
        "tables: reads": read * READ_UNITS,
        "tables: storage and backups": stored / 1e9 * (STORAGE_GB + BACKUP_GB),
        "functions": total * INVOCATION + seconds * MEMORY_GB * GB_SECOND,
        "API requests": (invocations["delivery"] + invocations["scim"]) * API_REQUEST,
        "logs": total * LOG_BYTES / 1e9 * LOG_GB,
        "alarms, figures, the vault's secret": fixed(),
        "mails": customers * mails * MAIL,
    }


def fixed():
    template = (Path(__file__).parent.parent / "template.yaml").read_text()
    alarms = len(re.findall(r"Type: AWS::CloudWatch::Alarm\b", template))
    figures = len(set(re.findall(r"Namespace: Clientele\n\s+MetricName: (\w+)", template))) + 2
    return alarms * ALARM + figures * METRIC + SECRET


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[5_000, 100_000, 1_000_000])
    parser.add_argument("--events", type=float, default=3, help="webhooks a customer and month (3)")
    parser.add_argument("--changes", type=float, default=0.5, help="changes over SCIM a customer and month (0.5)")
    parser.add_argument("--reads", type=float, default=1, help="reads over SCIM a customer and month (1)")
    parser.add_argument("--mails", type=float, default=0.1, help="mails a customer and month (0.1)")
    given = parser.parse_args()
    sizes = [month(size, given.events, given.changes, given.reads, given.mails) for size in given.customers]
    heads = [f"{size:,} customers" for size in given.customers]
    print("| dollars a month | " + " | ".join(heads) + " |")
    print("| --- |" + " ---: |" * len(heads))
    for line in sizes[0]:
        print(f"| {line} | " + " | ".join(f"{size[line]:,.2f}" for size in sizes) + " |")
    print("| **all** | " + " | ".join(f"**{sum(size.values()):,.2f}**" for size in sizes) + " |")


if __name__ == "__main__":
    main()
