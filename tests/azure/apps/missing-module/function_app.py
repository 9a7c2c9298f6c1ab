import azure.functions as func
import not_in_requirements

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="convert")
def convert(req: func.HttpRequest) -> str:
    return not_in_requirements.convert(req.get_body())
