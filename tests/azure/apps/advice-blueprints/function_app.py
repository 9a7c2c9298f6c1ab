import azure.functions as func

from orders import bp as orders
from reports import bp as reports
from stock import bp as stock

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for blueprint in (orders, reports, stock):
    app.register_functions(blueprint)
