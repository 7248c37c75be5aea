import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ScriptStep } from "./script_panel";

/** A supervisor goes through a script as it is now, with an example's data; nothing is noted (CC-6a). */
export class ScriptPlay extends Component {
    static template = "crm_contact_center.ScriptPlay";
    static components = { ScriptStep };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ script: false, path: [] });
        onWillStart(async () => {
            const id = this.props.action.params.script_id;
            this.state.script = await this.orm.call("crm.script", "action_play_content", [[id]]);
        });
    }

    get step() {
        const last = this.state.path.at(-1);
        return this.state.script.steps[last ? last.next : this.state.script.first];
    }

    answer(answer) {
        this.state.path.push({ step: this.step.name, answer: answer.name, next: answer.next });
    }

    back() {
        this.state.path.pop();
    }
}

registry.category("actions").add("crm_contact_center.script_play", ScriptPlay);
