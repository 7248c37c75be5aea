import { Component, onWillDestroy, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { useService } from "@web/core/utils/hooks";
import { openEnding } from "./ending_list";

const CHANGED = "crm_branch.ending";

/** The number of ending contracts in the systray, for retention officers: with the session, then after each contact. */
export class EndingMenu extends Component {
    static template = "crm_branch.EndingMenu";
    static props = {};

    setup() {
        this.action = useService("action");
        this.menu = useService("menu");
        const bus = useService("bus_service");
        this.notice = useState({ ...session.crm_branch_ending });
        const update = (notice) => Object.assign(this.notice, notice);
        bus.subscribe(CHANGED, update);
        onWillDestroy(() => bus.unsubscribe(CHANGED, update));
    }

    open() {
        return openEnding(this);
    }
}

if (session.crm_branch_ending) {
    registry.category("systray").add("crm_branch.EndingMenu", { Component: EndingMenu }, { sequence: 30 });
}
