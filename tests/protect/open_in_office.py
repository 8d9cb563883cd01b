"""Opens a document in a LibreOffice that is running, with a password, and saves it as another kind; for its own Python.

``python3 open_in_office.py PIPE FILE PASSWORD TO FILTER OPTIONS``
"""

import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def prop(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def main(pipe, file, password, to, kind, options):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            break
        except NoConnectException:
            time.sleep(0.5)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    try:
        opened = desktop.loadComponentFromURL(
            uno.systemPathToFileUrl(file), "_blank", 0, (prop("Hidden", True), prop("Password", password))
        )
        if opened is not None:
            opened.storeToURL(uno.systemPathToFileUrl(to), (prop("FilterName", kind), prop("FilterOptions", options)))
            opened.close(True)
    finally:
        desktop.terminate()


main(*sys.argv[1:])
