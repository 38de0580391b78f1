"""What people do with fedgate, in a real browser against the whole stack.

person      somebody at Chromium, who checks every page of ours on arrival
checks      what is checked
pages       every page that a person can see, and how to get there
company     a gateway for the pages that the story of Alice and Bob does not have
"""
