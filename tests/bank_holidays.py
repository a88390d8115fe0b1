#!/usr/bin/env python3
"""Writes the rows of bank_holidays.tsv: pip install holidays==0.109; python3 bank_holidays.py"""

import holidays

NATIONS = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}

for nation, subdivision in NATIONS.items():
    days = holidays.UnitedKingdom(subdiv=subdivision, years=range(2024, 2029))
    for day, name in sorted(days.items()):
        print(nation, day.isoformat(), name, sep="\t")
