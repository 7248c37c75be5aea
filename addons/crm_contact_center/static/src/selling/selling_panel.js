import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { DESK } from "../desk/desk_service";

const MODEL = "crm.queue.contact";

/** On the agent's desk: the customer beside their segment, and what to offer with the reason (CC-3c, CC-6c). */
export class SellingPanel extends Component {
    static template = "crm_contact_center.SellingPanel";
    static props = { contact: Object, reload: Function, "*": true };

    setup() {
        this.orm = useService("orm");
        this.desk = useService(DESK);
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({ compared: false, suggestions: [], quotations: false, busy: false, error: "" });
        onWillStart(() => this.load(this.props.contact));
        onWillUpdateProps((next) => {
            if (this._key(next.contact) !== this._key(this.props.contact)) {
                return this.load(next.contact);
            }
        });
    }

    /** What is to be asked anew: another contact, or the same one whose customer was found out. */
    _key({ id, partner_id, who }) {
        return `${id} ${who?.id || partner_id || 0}`;
    }

    async load(contact) {
        const key = this._key(contact);
        this.loading = key;
        const selling = await this.orm.silent.call(MODEL, "desk_selling", [[contact.id]], this.desk.optionsOf(contact));
        if (this.loading === key) {
            Object.assign(this.state, selling, { error: "" });
        }
    }

    get suggestions() {
        return this.state.suggestions;
    }

    price(suggestion) {
        return formatCurrency(suggestion.price, suggestion.currency_id);
    }

    show(row, value) {
        if (row.kind === "money") {
            return formatCurrency(value, this.state.compared.currency_id);
        }
        return Number.isInteger(value) ? String(value) : formatFloat(value, { digits: [9, 1] });
    }

    answered(suggestion) {
        return { accepted: _t("Accepted"), refused: _t("Refused"), not_now: _t("Not now") }[suggestion.answer];
    }

    label(what, suggestion) {
        return `${what}: ${suggestion.product}`;
    }

    get words() {
        return {
            quotation: _t("Put on the quotation"),
            lead: _t("Make an opportunity"),
            refused: _t("Refused"),
            not_now: _t("Not now"),
        };
    }

    async answer(suggestion, answer) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const contact = this.props.contact;
            const args = [[contact.id], suggestion.id, answer];
            const made = await this.orm.call(MODEL, "desk_answer", args, this.desk.optionsOf(contact));
            if (made) {
                this.notification.add(_t("%(product)s is on %(document)s.", { product: suggestion.product, document: made.name }), { type: "success" });
            }
            await this.load(contact);
            await this.props.reload();
        } finally {
            this.state.busy = false;
        }
    }

    open(suggestion) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: suggestion.model,
            res_id: suggestion.res_id,
            views: [[false, "form"]],
        });
    }
}

registry.category("crm_contact_center.desk_panels").add("selling", { Component: SellingPanel, sequence: 30 });
