/** Open the ending contracts as their menu does, so that the menus beside it are those of the points of sale (BR-8). */
export async function openEnding({ action, menu }) {
    const entry = menu.getAll().find(({ xmlid }) => xmlid === "crm_branch.crm_contract_menu_ending");
    if (entry) {
        await menu.selectMenu(entry);
    } else {
        await action.doAction("crm_branch.contract_contract_action_ending", { clearBreadcrumbs: true });
    }
}
