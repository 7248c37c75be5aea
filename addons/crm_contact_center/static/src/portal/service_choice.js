import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/**
 * On the page on which a customer chooses a time (CC-4) the button says which one it books: the choice itself may be
 * out of sight on a phone.
 */
export class ServiceChoice extends Interaction {
    static selector = ".o_crm_service_choice";
    dynamicContent = {
        "input[name='time']": { "t-on-change": () => {} },
        ".o_crm_service_chosen": { "t-out": () => this.chosen },
    };

    /** Day and hours of the time that is chosen, as its label for screen readers says. */
    get chosen() {
        const input = this.el.querySelector("input[name='time']:checked");
        return input ? input.getAttribute("aria-label") : "";
    }
}

registry.category("public.interactions").add("crm_contact_center.service_choice", ServiceChoice);
