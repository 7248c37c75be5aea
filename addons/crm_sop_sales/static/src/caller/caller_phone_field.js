import { Component, useEffect } from "@odoo/owl";
import { AutoComplete } from "@web/core/autocomplete/autocomplete";
import { registry } from "@web/core/registry";
import { useChildRef, useService } from "@web/core/utils/hooks";
import { phoneField } from "@web/views/fields/phone/phone_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A phone number that proposes, as it is typed, the customers whose number begins like this (SOP-T1). */
export class CallerPhoneField extends Component {
    static template = "crm_sop_sales.CallerPhoneField";
    static components = { AutoComplete };
    static props = { ...standardFieldProps, placeholder: { type: String, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.input = useChildRef();
        useEffect(
            (isAnswered) => {
                if (isAnswered && this.isRinging) {
                    this.input.el?.focus();
                }
            },
            () => [Boolean(this.props.record.data.answered_at)]
        );
    }

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    /** A call that was logged by a click is saved already: Odoo puts the cursor into new records only, and a click on
     * “Answered” takes it away. */
    get isRinging() {
        const { ringing_at, partner_id } = this.props.record.data;
        return Boolean(ringing_at && !partner_id && !this.value);
    }

    get sources() {
        return [{ options: (typed) => this.find(typed), optionSlot: "caller" }];
    }

    async find(typed) {
        const branch = this.props.record.data.branch_id;
        const callers = await this.orm.silent.call("crm.interaction", "action_find_callers", [
            typed,
            branch ? branch.id : false,
        ]);
        return callers.map((caller) => ({ data: caller, label: caller.name, onSelect: () => this.take(caller) }));
    }

    take({ id, name, phone }) {
        return this.props.record.update({
            partner_id: { id, display_name: name },
            [this.props.name]: phone,
        });
    }

    type(value) {
        return this.props.record.update({ [this.props.name]: value.trim() || false });
    }
}

export const callerPhoneField = { ...phoneField, component: CallerPhoneField };

registry.category("fields").add("caller_phone", callerPhoneField);
