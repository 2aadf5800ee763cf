"""A participant's own agent: the only one that touches its rows.

Questions come from the coordinator and answers go back to it; both are plain values, so that they could
as well cross a wire. Of the answers only models, lessons, sums over rows, marks of right and wrong on shared rows
and, where that was agreed, rows leave the participant.
"""

from coopdistill.cooperation.agent.host import Heard, Host
from coopdistill.cooperation.agent.student import Learned, Student
from coopdistill.cooperation.agent.teacher import Teacher

__all__ = ["Agent", "Heard", "Learned"]


class Agent(Host, Teacher, Student):
    """A participant's own agent: host, teacher and student at once."""
