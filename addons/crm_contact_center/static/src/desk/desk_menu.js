import { Component, useRef, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { useService } from "@web/core/utils/hooks";
import { toMoment, useTicks } from "../ticks/ticks";
import { DESK, statusLook } from "./desk_service";

/** The agent's state in the menu bar: come, pause with a reason, go; who waits, what rings (CC-3). */
export class DeskMenu extends Component {
    static template = "crm_contact_center.DeskMenu";
    static components = { Dropdown, DropdownItem };
    static props = {};

    setup() {
        this.desk = useService(DESK);
        this.state = useState(this.desk.state);
        this.root = useRef("root");
        useTicks(this.root, () => this.state.offset);
    }

    get agent() {
        return this.state.agent;
    }

    get look() {
        return statusLook(this.agent.status);
    }

    get since() {
        return toMoment(this.agent.status_since);
    }

    get ringing() {
        return this.agent.contacts.filter(({ state }) => state === "offered").length;
    }
}

if (session.crm_contact_center_agent) {
    registry.category("systray").add("crm_contact_center.DeskMenu", { Component: DeskMenu }, { sequence: 40 });
}
