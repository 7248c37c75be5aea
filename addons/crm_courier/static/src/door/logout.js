import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";

const items = registry.category("user_menuitems");
const standard = items.get("log_out");

/** Log out as always; of a courier the day is taken from the phone, and who has something to send is told so. */
function logOutItem(env) {
    const item = standard(env);
    if (!session.is_courier) {
        return item;
    }
    const door = env.services.crm_courier_door;
    const leave = async () => {
        await door.leave();
        item.callback();
    };
    const callback = () => {
        if (!door.waiting.length) {
            return leave();
        }
        env.services.dialog.add(ConfirmationDialog, {
            title: _t("Not everything is sent"),
            body: _t(
                "%s entries wait on this phone. If you log out now they are sent only when you log in here again.",
                door.waiting.length
            ),
            confirmLabel: _t("Log out anyway"),
            confirm: leave,
            cancelLabel: _t("Stay"),
            cancel: () => door.send(),
        });
    };
    return { ...item, href: undefined, callback };
}

items.add("log_out", logOutItem, { force: true, sequence: 70 });
