"""Scouts and commanders as processes of their own, as the paper has them (sections 2.3 and 2.4).

Elsewhere they are folded into their leader (`pmmc.leader`); here what they tell it takes time.
"""
