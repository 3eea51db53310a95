"""The suite that the Jupyter project keeps for kernels."""

import jupyter_kernel_test
import pytest
from conftest import NAME


@pytest.fixture(scope="session", autouse=True)
def table(cells):
    """The suite reads its samples from class attributes."""
    for suite in (TestKernel, TestWelcome):
        suite.language_name = cells.language
    TestKernel.file_extension = cells.extension
    TestKernel.code_hello_world = cells.hello
    TestKernel.code_stderr = cells.stderr
    TestKernel.code_generate_error = cells.error
    TestKernel.code_execute_result = [{"code": cells.result}, {"code": cells.result + " "}]
    TestKernel.code_display_data = [{"code": cells.display, "mime": cells.display_mime}]
    TestKernel.code_clear_output = cells.clear
    TestKernel.code_page_something = cells.page
    TestKernel.code_inspect_sample = cells.inspect
    TestKernel.code_history_pattern = cells.history_pattern
    TestKernel.completion_samples = [
        {"text": text, "matches": matches} for text, matches in cells.completion
    ]
    TestKernel.complete_code_samples = cells.complete
    TestKernel.incomplete_code_samples = cells.incomplete
    TestKernel.invalid_code_samples = cells.invalid


class TestKernel(jupyter_kernel_test.KernelTests):
    kernel_name = NAME
    supported_history_operations = ("tail", "range", "search")


class TestWelcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = NAME
    support_iopub_welcome = True
