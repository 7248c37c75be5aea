from . import test_run_plan
from . import test_run_review
from . import test_run_loading
from . import test_run_road
from . import test_run_papers
from . import test_run_call
from . import test_run_roles
from . import test_run_documents
