"""Random chains, executed by Ethereum's executable specification and compared with the tables that blockmill makes of them.

See README.md in this folder.
"""
