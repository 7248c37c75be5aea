import { ActivityMarkAsDone } from "@mail/core/web/activity_markasdone_popover";

import { onWillStart, useState } from "@odoo/owl";

import { patch } from "@web/core/utils/patch";

/** Whoever marks a call done says in the same breath what came of it. */
patch(ActivityMarkAsDone.prototype, {
    setup() {
        super.setup();
        this.call = useState({ outcomes: [], outcomeId: "" });
        onWillStart(async () => {
            if (this.props.activity.logs_call) {
                this.call.outcomes = await this.env.services.orm.searchRead(
                    "crm.interaction.outcome",
                    [],
                    ["name"]
                );
            }
        });
    },
    async saveOutcome() {
        if (this.call.outcomeId) {
            await this.env.services.orm.write("mail.activity", [this.props.activity.id], {
                call_outcome_id: Number(this.call.outcomeId),
            });
        }
    },
    async onClickDone() {
        await this.saveOutcome();
        return super.onClickDone();
    },
    async onClickDoneAndScheduleNext() {
        await this.saveOutcome();
        return super.onClickDoneAndScheduleNext();
    },
});
