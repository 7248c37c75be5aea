import { registry } from "@web/core/registry";

/** An officer takes a call: two clicks, some digits, the customer, what it is about (SOP-1, SOP-T1, SOP-2c). */
registry.category("web_tour.tours").add("crm_sop_sales_contact_log", {
    steps: () => [
        { content: "It rings", trigger: "button[name=action_ring]", run: "click" },
        { content: "Take the call", trigger: "button[name=action_answer]", run: "click" },
        {
            content: "It is answered, and the cursor is where the number is typed",
            trigger: ".o_form_view:not(:has(button[name=action_answer])) .o_field_widget[name=phone] input:focus",
            run: "edit 0812 9000 70",
        },
        { content: "Who it is", trigger: ".o-autocomplete--dropdown-item:contains(Rina Kartika)", run: "click" },
        { content: "Greet her", trigger: ".o_field_widget[name=greeting]:contains(Rina Kartika)" },
        { content: "She wants to buy", trigger: "button[name=action_buying]", run: "click" },
        { content: "Her opportunity", trigger: ".o_last_breadcrumb_item:contains(Wish of Rina Kartika)" },
    ],
});
