"""Files that steer agents: what they say, what is wrong with them, what a change of them allows.

Everything here is pure. A tree is looked at through `Files`; nothing of it is run or fetched.
"""
