import { Component, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { toMoment } from "../ticks/ticks";
import { DESK } from "./desk_service";

/** What it was for and what came of it: noted during the talk, saved after it; without it nothing new comes (CC-3). */
export class WrapUpForm extends Component {
    static template = "crm_contact_center.WrapUpForm";
    static props = { contact: Object, page: Object, choices: Object, busy: Boolean, save: Function, identify: Function };

    setup() {
        this.desk = useService(DESK);
        this.drafts = useState(this.desk.drafts);
        this.desk.draft(this.props.page);
        this.state = useState({ tried: false });
    }

    get draft() {
        return this.drafts[this.props.contact.id] || this.desk.draft(this.props.page);
    }

    get isDue() {
        return this.props.contact.state === "wrapup";
    }

    get until() {
        return toMoment(this.props.contact.ended_at) + this.props.contact.wrapup_seconds * 1000;
    }

    get isComplete() {
        return Boolean(this.draft.purpose_id && this.draft.outcome_id);
    }

    async save() {
        this.state.tried = true;
        if (this.isDue && this.isComplete) {
            await this.props.save(this.draft);
        }
    }
}
