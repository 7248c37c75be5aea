from . import crm_workflow_reason
