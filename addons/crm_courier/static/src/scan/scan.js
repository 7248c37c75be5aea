import { Component, useRef, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Where a courier scans one unit after another: each Enter loads one, and the cursor stays (SOP-7). */
export class CourierScan extends Component {
    static template = "crm_courier.Scan";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.input = useRef("autofocus");
        this.state = useState({ busy: false, ok: true, message: "" });
        useAutofocus({ mobile: true });
    }

    onKeydown(event) {
        if (event.key === "Enter") {
            event.preventDefault();
            event.stopPropagation();
            this.scan();
        }
    }

    async scan() {
        const code = this.input.el.value.trim();
        this.input.el.value = "";
        if (!code || this.state.busy) {
            return;
        }
        const record = this.props.record;
        this.state.busy = true;
        try {
            await record.save();
            const answer = await this.orm.call(record.resModel, "action_scan", [[record.resId], code]);
            Object.assign(this.state, answer);
            if (answer.ok) {
                await record.load();
            }
        } finally {
            this.state.busy = false;
            this.input.el?.focus();
        }
    }
}

registry.category("view_widgets").add("crm_courier_scan", { component: CourierScan });
