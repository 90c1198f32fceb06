"""The rules of the policy, by what they are about; the table in policy.py says which comes first."""
