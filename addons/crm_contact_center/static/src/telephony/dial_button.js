import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { session } from "@web/session";
import { useService } from "@web/core/utils/hooks";
import { PhoneField } from "@web/views/fields/phone/phone_field";
import { Component, useState } from "@odoo/owl";

/** Have the agent's own telephone dial a number (CC-1). The server knows whose telephone it is. */
export class DialButton extends Component {
    static template = "crm_contact_center.DialButton";
    static props = { number: String, withText: { type: Boolean, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({ busy: false });
    }

    get label() {
        return _t("Dial %s with my telephone", this.props.number);
    }

    async dial() {
        this.state.busy = true;
        try {
            const number = await this.orm.call("crm.agent", "dial", [this.props.number]);
            this.notification.add(_t("Pick up your telephone: it dials %s.", number), { type: "info" });
        } finally {
            this.state.busy = false;
        }
    }
}

patch(PhoneField, { components: { ...PhoneField.components, DialButton } });

patch(PhoneField.prototype, {
    get numberToDial() {
        return (session.can_dial && this.props.record.data[this.props.name]) || "";
    },
});
