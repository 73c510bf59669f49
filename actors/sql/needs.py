"""What a batch of changes has to know, and what the database says to it."""

import msgspec

from schemas.base import UtcTime
from schemas.comments import Comment
from schemas.ids import CommentId, InviteId, LabelId, ListId, Seq, TaskId, TeamId, UserId
from schemas.labels import Label
from schemas.lists import TaskList
from schemas.members import Member
from schemas.tasks import Task
from schemas.teams import Team


class Needs(msgspec.Struct):
    """What a batch has to know, as sets so that each thing is asked for once."""

    teams: set[TeamId] = msgspec.field(default_factory=set[TeamId])
    lists: set[ListId] = msgspec.field(default_factory=set[ListId])
    tasks: set[TaskId] = msgspec.field(default_factory=set[TaskId])
    users: set[UserId] = msgspec.field(default_factory=set[UserId])
    usernames: set[str] = msgspec.field(default_factory=set[str])
    """In small letters."""
    leaving: set[tuple[TeamId, UserId]] = msgspec.field(default_factory=set[tuple[TeamId, UserId]])
    """Members whose open tasks are needed."""
    arranged: set[ListId] = msgspec.field(default_factory=set[ListId])
    """Lists that are needed with all their tasks."""
    labels: set[LabelId] = msgspec.field(default_factory=set[LabelId])
    comments: set[CommentId] = msgspec.field(default_factory=set[CommentId])
    undoers: set[tuple[TeamId, UserId]] = msgspec.field(default_factory=set[tuple[TeamId, UserId]])
    """Members whose last change is to be taken back."""
    restores: bool = False
    """A list or a team comes back from the trash, and with it the alarms of its tasks."""
    inviting: set[TeamId] = msgspec.field(default_factory=set[TeamId])
    """Teams whose invites are needed."""
    invites: set[InviteId] = msgspec.field(default_factory=set[InviteId])
    codes: set[str] = msgspec.field(default_factory=set[str])
    """Digests of the codes of invites."""
    keys: set[tuple[UserId, str]] = msgspec.field(default_factory=set[tuple[UserId, str]])
    new_teams: int = 0
    new_lists: int = 0
    new_tasks: int = 0
    task_ids: list[TaskId] = []
    """Ids that were taken for new tasks before."""
    new_labels: int = 0
    new_comments: int = 0
    new_invites: int = 0

    @property
    def of_invites(self) -> bool:
        """Whether invites have to do with it."""
        return bool(self.inviting or self.invites or self.codes)


class PlacedTeam(Team):
    """A team and where it stands."""

    seq: Seq


class Outcome(msgspec.Struct):
    """What became of a command that carried an idempotency key."""

    by: UserId
    key: str
    at: UtcTime
    digest: str
    outcome: msgspec.Raw


class Past(msgspec.Struct):
    """One event of a change that may be taken back, and the one before it that had to do with the same thing."""

    event: msgspec.Raw
    type: str
    before: msgspec.Raw
    disturbed: bool
    """Somebody else has changed the same thing since."""


class Undoable(msgspec.Struct):
    """Somebody's last change that was not taken back yet."""

    team: TeamId
    user: UserId
    change: Seq
    events: list[Past]


class Loaded(msgspec.Struct):
    """What the database said. Of what is in the trash, no more lists and labels than were asked for."""

    teams: list[PlacedTeam]
    members: list[Member]
    lists: list[TaskList]
    labels: list[Label]
    loads: list[tuple[ListId, int]]
    """How many open tasks each list holds that has a limit."""
    tails: list[tuple[ListId, int]]
    """The highest rank of each list."""
    task_ids: list[TaskId]
    comments: list[Comment] = []
    tasks: list[Task] = []
    neighbours: list[tuple[TaskId, int, TaskId]] = []
    """The rank and the id of the task that stands before each task, where there is one."""
    outcomes: list[Outcome] = []
    team_ids: list[TeamId] = []
    list_ids: list[ListId] = []
    label_ids: list[LabelId] = []
    comment_ids: list[CommentId] = []
