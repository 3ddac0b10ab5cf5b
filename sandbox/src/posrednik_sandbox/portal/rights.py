"""Who may do what with a task."""

from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.model import Task
from posrednik_sandbox.portal.portal import Portal


def rights(portal: Portal, user_id: int, task: Task) -> dict[str, bool]:
    """Names of actions in capitals; an action of a status is open only in the statuses it leads from.

    The author, those who run the project and administrators may do all; the assignee and accomplices do the work
    and hand it on; members of the project read, talk and drag cards. Nobody else sees the task.
    """
    manages, works = _manages(portal, user_id, task), user_id in (task.responsible_id, *task.accomplices)
    reads = tasks.visible(portal, user_id, task)
    member = _member(portal, user_id, task)
    by_status = {name.upper(): task.status in sources for name, (sources, _) in tasks.TRANSITIONS.items()}
    judging = {"APPROVE", "DISAPPROVE"}
    return {
        "READ": reads,
        "EDIT": manages,
        "REMOVE": manages,
        "MOVE": member or manages,
        "DELEGATE": manages or user_id == task.responsible_id,
        "CHANGE_DEADLINE": manages or (works and task.change_deadline),
        "CHECKLIST": manages or works,
        "ATTACH": manages or works,
        **{name: fits and (manages or (works and name not in judging)) for name, fits in by_status.items()},
    }


def _manages(portal: Portal, user_id: int, task: Task) -> bool:
    group = portal.groups.get(task.group_id)
    runs = group is not None and user_id in (group.owner_id, *group.moderators)
    return runs or user_id == task.creator_id or portal.is_admin(user_id)


def _member(portal: Portal, user_id: int, task: Task) -> bool:
    group = portal.groups.get(task.group_id)
    return group is not None and user_id in group.members
