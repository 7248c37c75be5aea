import { Component, onWillStart, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { DESK, statusLook } from "./desk_service";

const MODEL = "crm.queue.contact";

/** Hand a contact, with what was noted, to a queue or to one agent: those who are free first (CC-2a). */
export class TransferDialog extends Component {
    static template = "crm_contact_center.TransferDialog";
    static components = { Dialog };
    static props = { close: Function, contact: Object, notes: Object, done: Function };

    setup() {
        this.orm = useService("orm");
        this.desk = useService(DESK);
        useAutofocus({ refName: "filter" });
        this.state = useState({ text: "", busy: false, error: "" });
        this.targets = { queues: [], agents: [] };
        onWillStart(async () => {
            this.targets = await this.call("desk_targets");
        });
    }

    call(method, ...args) {
        const { contact } = this.props;
        return this.orm.call(MODEL, method, [[contact.id], ...args], this.desk.optionsOf(contact));
    }

    matching(targets) {
        const text = this.state.text.trim().toLowerCase();
        return targets.filter(({ name }) => name.toLowerCase().includes(text)).slice(0, 50);
    }

    tone(agent) {
        return statusLook(agent.status).tone;
    }

    async hand(queueId, agentId) {
        if (this.state.busy) {
            return;
        }
        Object.assign(this.state, { busy: true, error: "" });
        try {
            const { note, purpose_id: purposeId } = this.props.notes;
            const purpose = Number(purposeId) || false;
            const isOver = await this.call("action_transfer", queueId, agentId, note.trim(), purpose);
            await this.props.done(isOver);
            this.props.close();
        } catch (error) {
            this.state.error = error.data?.message || _t("No connection. Try again.");
        } finally {
            this.state.busy = false;
        }
    }
}
