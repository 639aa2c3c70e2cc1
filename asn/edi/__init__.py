"""Despatch advices of partners: X12 856 and EDIFACT DESADV become notices (PRODUCT §6).

Pure functions: segments in, notices out, with everything that is wrong with them named by its
segment. Which products and locations they mean is asked in `asn.actions.announcing`.
"""
