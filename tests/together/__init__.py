"""What crosses addons: all of them on one database, with demo data.

What the web client asks of the server is in the package ``generic`` beside this one; pytest puts both on the path.
"""
