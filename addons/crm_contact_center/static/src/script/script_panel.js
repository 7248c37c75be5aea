import { Component, onWillStart, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { DESK } from "../desk/desk_service";

const MODEL = "crm.queue.contact";

/** One step of a script and its answers; keys 1 to 9 answer. */
export class ScriptStep extends Component {
    static template = "crm_contact_center.ScriptStep";
    static props = { step: Object, answer: Function, disabled: { type: Boolean, optional: true } };

    setup() {
        this.root = useRef("root");
        // the next step takes the keys where this one had them
        useEffect(
            () => {
                if (this.pressed) {
                    this.pressed = false;
                    this.root.el.focus();
                }
            },
            () => [this.props.step],
        );
    }

    press(answer) {
        this.pressed = true;
        this.props.answer(answer);
    }

    get kind() {
        return { say: _t("Say"), ask: _t("Ask"), do: _t("Do"), offer: _t("Offer") }[this.props.step.kind];
    }

    onKey(ev) {
        const answer = this.props.step.answers[Number(ev.key) - 1];
        if (answer && !this.props.disabled) {
            ev.preventDefault();
            this.press(answer);
        }
    }
}

/** The script beside a contact on the agent's desk: where the talk is, is known on the server (CC-6). */
export class ScriptPanel extends Component {
    static template = "crm_contact_center.ScriptPanel";
    static components = { ScriptStep };
    static props = { contact: Object, reload: Function, "*": true };

    setup() {
        this.orm = useService("orm");
        this.desk = useService(DESK);
        this.state = useState({ script: false, busy: false });
        onWillStart(() => this.call("desk_script", [], this.props.contact));
        onWillUpdateProps((next) => {
            if (this.key(next.contact) !== this.key(this.props.contact)) {
                return this.call("desk_script", [], next.contact);
            }
        });
    }

    key({ id, partner_id, who }) {
        return `${id} ${who?.id || partner_id || 0}`;
    }

    /** Call a method of the contact; what a contact left behind answers late is dropped. */
    async call(method, args = [], contact = this.props.contact) {
        const key = this.key(contact);
        this.asked = key;
        this.state.busy = true;
        try {
            const options = this.desk.optionsOf(contact);
            const script = await this.orm.silent.call(MODEL, method, [[contact.id], ...args], options);
            if (this.asked === key) {
                this.state.script = script;
            }
        } finally {
            this.state.busy = false;
        }
    }

    get stepKey() {
        const { talk, first } = this.state.script;
        return talk ? talk.step : first;
    }

    get step() {
        return this.state.script.steps?.[this.stepKey];
    }

    get path() {
        return this.state.script.talk?.path || [];
    }

    async answer(answer) {
        if (!this.state.busy) {
            await this.call("desk_script_answer", [this.stepKey, answer.id]);
            this.note();
            await this.props.reload();
        }
    }

    /** Put what the answers say of reason and outcome into the wrap-up, where the agent may still change it. */
    note() {
        const draft = this.desk.draft(this.props.contact);
        for (const field of ["purpose_id", "outcome_id"]) {
            draft[field] = this.state.script[field] || draft[field];
        }
    }

    back() {
        return this.call("desk_script_back");
    }

    choose(ev) {
        return this.call("desk_script_begin", [Number(ev.target.value)]);
    }
}

registry.category("crm_contact_center.desk_panels").add("script", { Component: ScriptPanel, sequence: 10 });
