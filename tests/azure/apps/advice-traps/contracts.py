"""What handlers promise to return."""
import azure.functions as func


class Reply(func.HttpResponse):
    """An answer that is not to be kept."""

    def __init__(self, body):
        super().__init__(body, headers={"Cache-Control": "no-store"})
