import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const NEWS = "crm_contact_center/plan";

/** Load the form of a staff plan anew when the server has found its shifts (CC-8a). */
export class PlanNews extends Component {
    static template = xml``;
    static props = { ...standardWidgetProps };

    setup() {
        const bus = useService("bus_service");
        const onNews = ({ id }) => {
            if (id === this.props.record.resId) {
                this.props.record.load();
            }
        };
        // once it is mounted: one that never is doesn't unmount either, and would load a form that is gone
        onMounted(() => bus.subscribe(NEWS, onNews));
        onWillUnmount(() => bus.unsubscribe(NEWS, onNews));
    }
}

registry.category("view_widgets").add("crm_staffing_plan_news", { component: PlanNews });
