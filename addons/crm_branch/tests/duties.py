"""Who performs and who controls each task of the document (BR-17, BR-18), as one table that tests run through."""

from dataclasses import dataclass

#: Everybody whom the table knows.
EVERYBODY = ("service_officer", "retention_officer", "cashier", "branch_manager", "headquarters")


@dataclass(frozen=True)
class Duty:
    """One act of a task.

    :param task: number in the document
    :param title: what is done
    :param roles: who may do it; everybody else is refused
    :param informed: roles that the software tells of it (BR-18: “I”)
    """

    task: str
    title: str
    roles: tuple[str, ...]
    informed: tuple[str, ...] = ()


SERVICE, RETENTION, CASHIER, MANAGER = ("service_officer",), ("retention_officer",), ("cashier",), ("branch_manager",)
HEADQUARTERS = ("headquarters",)

DUTIES = (
    Duty("1", "hold the sales meeting", MANAGER, (*SERVICE, *RETENTION, *CASHIER)),
    Duty("1", "set the sales plan", (*MANAGER, *HEADQUARTERS)),
    Duty("2", "present the offer", SERVICE),
    Duty(
        "2", "publish a price list", HEADQUARTERS, ("service_officer", "retention_officer", "cashier", "branch_manager")
    ),
    Duty("3", "take the customer's consent", SERVICE),
    Duty("4", "prepare a contract", SERVICE),
    Duty("4", "take the signature", SERVICE),
    Duty("5", "hand the signed contracts in", SERVICE, MANAGER),
    Duty("6", "approve a contract", MANAGER, SERVICE),
    Duty("6", "return a contract", MANAGER, SERVICE),
    Duty("7", "send contracts to headquarters", SERVICE, HEADQUARTERS),
    Duty("7", "finalise a contract", HEADQUARTERS, SERVICE),
    Duty("8", "be told of ending contracts", RETENTION),
    Duty("9", "note the contact about the end", RETENTION),
    Duty("10", "sell from the branch's stock", (*SERVICE, *HEADQUARTERS)),  # the headquarters may stand in
    Duty("11", "report a complaint", RETENTION, HEADQUARTERS),
    Duty("11", "answer a complaint", HEADQUARTERS, RETENTION),
    Duty("12", "open the cash desk", CASHIER),
    Duty("12", "take a payment", CASHIER),
    # the manager, or the headquarters, counts for a cashier who has left
    Duty("12", "count and close the desk", (*CASHIER, *MANAGER, *HEADQUARTERS), MANAGER),
    Duty("13", "order what is missing", MANAGER),
    Duty("14", "have leaflets printed", SERVICE, MANAGER),
    Duty("14", "hand leaflets out", SERVICE),
    Duty("15", "do the window display", SERVICE, MANAGER),
    Duty("15", "check the window display", MANAGER),
)
