"""A CTI server and a CTI client on real sockets, and the scenarios they play.

For authors of clients, who get told what is wrong with what they send, and for making the captures in `samples/`.
"""
