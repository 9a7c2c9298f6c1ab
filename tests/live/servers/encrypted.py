# SPDX-License-Identifier: Apache-2.0
"""An HTTPS server that ends after one request. ENCRYPTED.py PORT CERTIFICATE"""
import http.server
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])),
                                http.server.SimpleHTTPRequestHandler)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.handle_request()
