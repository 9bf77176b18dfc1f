"""What the codes of the two public data sets mean, in words that a contract can list and a person can read.

Credit: the value descriptions of UCI's Statlog German credit. Employment: the ACS PUMS data dictionary 2015 to 2018.
"""

PURPOSE = {
    "car (new)": "new car",
    "car (used)": "used car",
    "furniture/equipment": "furniture or equipment",
    "radio/television": "radio or television",
    "domestic appliances": "domestic appliances",
    "repairs": "repairs",
    "education": "education",
    "retraining": "retraining",
    "business": "business",
    "others": "other",
}
CHECKING = {
    "no checking account": "no account",
    "... < 0 DM": "overdrawn",
    "0 <= ... < 200 DM": "0 to 200 DM",
    "... >= 200 DM / salary assignments for at least 1 year": "200 DM and more",
}
SAVINGS = {
    "unknown/ no savings account": "unknown or none",
    "... < 100 DM": "below 100 DM",
    "100 <= ... < 500 DM": "100 to 500 DM",
    "500 <= ... < 1000 DM": "500 to 1,000 DM",
    "... >= 1000 DM": "1,000 DM and more",
}
HISTORY = {
    "critical account/ other credits existing (not at this bank)": "critical or credits elsewhere",
    "delay in paying off in the past": "past delays",
    "existing credits paid back duly till now": "existing credits paid duly",
    "all credits at this bank paid back duly": "all credits here paid duly",
    "no credits taken/ all credits paid back duly": "no credits or all paid duly",
}
PROPERTY = {
    "real estate": "real estate",
    "building society savings agreement/ life insurance": "savings agreement or life insurance",
    "car or other, not in attribute Savings account/bonds": "car or other",
    "unknown / no property": "unknown or none",
}
EMPLOYED = {
    "unemployed": "unemployed",
    "... < 1 year": "under 1 year",
    "1 <= ... < 4 years": "1 to 4 years",
    "4 <= ... < 7 years": "4 to 7 years",
    "... >= 7 years": "7 years and more",
}
JOB = {
    "unemployed/ unskilled - non-resident": "unskilled, not resident or unemployed",
    "unskilled - resident": "unskilled",
    "skilled employee / official": "skilled",
    "management/ self-employed/ highly qualified employee/ officer": "management or self-employed",
}

YES_NO = {"0": "no", "1": "yes"}
MARITAL = {"1": "married", "2": "widowed", "3": "divorced", "4": "separated", "5": "never married"}
RELATIONSHIP = {
    "0": "householder",
    "1": "spouse",
    "2": "child",
    "3": "child",
    "4": "child",
    "5": "brother or sister",
    "6": "parent",
    "7": "grandchild",
    "8": "other relative",
    "9": "other relative",
    "10": "other relative",
    "11": "housemate",
    "12": "housemate",
    "13": "partner",
    "14": "child",
    "15": "housemate",
    "16": "institution",
    "17": "dormitory or group home",
}
PARENTS = {
    "0": "not asked",
    "1": "both of two",
    "2": "one of two",
    "3": "one of two",
    "4": "none of two",
    "5": "single parent at work",
    "6": "single parent not at work",
    "7": "single parent at work",
    "8": "single parent not at work",
}
MOVED = {"0": "under one year old", "1": "same home", "2": "moved from abroad", "3": "moved within the country"}
MILITARY = {
    "0": "under 17",
    "1": "on active duty",
    "2": "in the past",
    "3": "reserve training only",
    "4": "never",
}
