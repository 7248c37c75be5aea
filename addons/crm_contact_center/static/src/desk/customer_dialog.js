import { Component, useRef, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { DESK } from "./desk_service";

/** Find who it is by name or number, or make them a customer (CC-3b). */
export class CustomerDialog extends Component {
    static template = "crm_contact_center.CustomerDialog";
    static components = { Dialog };
    static props = { close: Function, contact: Object, phone: String, name: String, done: Function };

    setup() {
        this.orm = useService("orm");
        this.options = useService(DESK).optionsOf(this.props.contact);
        this.input = useRef("search");
        useAutofocus({ refName: "search" });
        const { name, phone } = this.props;
        this.state = useState({ text: "", found: false, isNew: false, name, phone, busy: false, error: "" });
        this.search = useDebounced(() => this._search(), 250);
    }

    async _search() {
        const { text } = this.state;
        const found = await this.orm.silent.call("res.partner", "desk_find", [text], this.options);
        if (text === this.state.text) {
            this.state.found = found;
        }
    }

    async act(method, args) {
        if (this.state.busy) {
            return;
        }
        Object.assign(this.state, { busy: true, error: "" });
        try {
            await this.orm.call("crm.queue.contact", method, [[this.props.contact.id], ...args], this.options);
            await this.props.done();
            this.props.close();
        } catch (error) {
            this.state.error = error.data?.message || _t("No connection. Try again.");
        } finally {
            this.state.busy = false;
        }
    }

    choose(customer) {
        return this.act("action_choose_customer", [customer.id]);
    }

    begin() {
        Object.assign(this.state, { isNew: true, name: this.state.name || this.state.text, error: "" });
    }

    create() {
        return this.act("action_create_customer", [this.state.name, this.state.phone]);
    }
}
