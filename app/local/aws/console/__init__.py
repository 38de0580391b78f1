"""The console federation endpoint and the page behind it that says who came in.

    /federation?Action=getSigninToken   credentials -> sign-in token       (federation.py)
    /federation?Action=login            sign-in token -> console session   (federation.py)
    /console/...                        the console, for whoever holds the session (pages.py)

Source: IAM User Guide, "Enable custom identity broker access to the AWS console".
"""
