import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { browser } from "@web/core/browser/browser";
import { openEnding } from "./ending_list";

const SEEN = "crm_branch.ending_seen";

/**
 * Tells a retention officer, when the web client opens, how many customers' contracts end (BR-8). The figures come with
 * the session: nothing is asked for. The notice appears again when there are others, not at each reload.
 */
export const endingService = {
    dependencies: ["notification", "action", "menu"],
    start(env, { notification, action, menu }) {
        const notice = session.crm_branch_ending;
        if (!notice || !notice.count) {
            return;
        }
        const told = JSON.stringify([session.uid, notice]);
        if (browser.sessionStorage.getItem(SEEN) === told) {
            return;
        }
        env.bus.addEventListener(
            "WEB_CLIENT_READY",
            () => {
                browser.sessionStorage.setItem(SEEN, told);
                const close = notification.add(
                    notice.overdue
                        ? _t("%(count)s to tell, %(overdue)s of them without delay.", notice)
                        : _t("%(count)s to tell.", notice),
                    {
                        title: _t("Customers’ contracts are ending"),
                        type: notice.overdue ? "danger" : "warning",
                        sticky: true,
                        buttons: [
                            {
                                name: _t("Show Them"),
                                primary: true,
                                onClick: () => {
                                    close();
                                    openEnding({ action, menu });
                                },
                            },
                        ],
                    }
                );
            },
            { once: true }
        );
    },
};

registry.category("services").add("crm_branch.ending", endingService);
