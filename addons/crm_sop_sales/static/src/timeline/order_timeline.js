import { Component, markup, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The order's path (SOP-15), read when its page is looked at: it is gathered from many documents. */
export class OrderTimeline extends Component {
    static template = "crm_sop_sales.OrderTimeline";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ timeline: "" });
        useRecordObserver((record) => this.load(record.resId, record.data));
    }

    async load(id) {
        const [order] = id ? await this.orm.silent.read("sale.order", [id], ["timeline"]) : [];
        this.state.timeline = order ? markup(order.timeline) : "";
    }
}

registry.category("view_widgets").add("order_timeline", { component: OrderTimeline });
