import { Component, onWillUnmount, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const NEWS = "crm_h23_followup.import_progress";

/** Load the form of an import anew when the server says how far it is (H23-4.1.1). */
export class ImportProgress extends Component {
    static template = xml``;
    static props = { ...standardWidgetProps };

    setup() {
        const bus = useService("bus_service");
        const onNews = ({ id }) => {
            if (id === this.props.record.resId) {
                this.props.record.load();
            }
        };
        bus.subscribe(NEWS, onNews);
        onWillUnmount(() => bus.unsubscribe(NEWS, onNews));
    }
}

registry.category("view_widgets").add("crm_import_progress", { component: ImportProgress });
